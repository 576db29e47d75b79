import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentToken, Public, RequireScopes, type AccessToken } from '@latchkey/resource-server';

@WebSocketGateway()
export class ChatGateway {
  @SubscribeMessage('who')
  who(@CurrentToken() token: AccessToken) {
    return { event: 'who', data: token.subject };
  }

  @SubscribeMessage('write')
  @RequireScopes('write')
  write() {
    return { event: 'write', data: 'written' };
  }
}

@Controller()
export class MessagesController {
  @MessagePattern('who')
  who(@CurrentToken() token: AccessToken) {
    return token.subject;
  }

  @MessagePattern('undecorated')
  undecorated() {
    return 'undecorated';
  }

  @MessagePattern('write')
  @RequireScopes('write')
  write() {
    return 'written';
  }

  @MessagePattern('open')
  @Public()
  open() {
    return 'open';
  }
}
